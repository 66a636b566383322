// Whether a request was made by a page of another site in an operator's browser. Such a page cannot read the answer, but could change
// something (CSRF). Source: Fetch standard, Origin; Fetch Metadata, Sec-Fetch-Site.
// Thread rule: pure function.
#pragma once

#include "core/request/head.hpp"

namespace gateway {

// Programs other than browsers send neither field and pass; "null" is the origin of nobody we know.
bool is_cross_site(const request_head& head);

}  // namespace gateway
