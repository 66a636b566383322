// The one translation unit that holds the out-of-line code of Asio, its TLS streams and Beast.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
