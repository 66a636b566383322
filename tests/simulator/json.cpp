// The one translation unit that holds Boost.JSON.
#include <boost/json/src.hpp>
