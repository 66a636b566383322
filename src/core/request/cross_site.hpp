// Whether a request was made by a page of another site in an operator's browser. Such a page cannot read the answer, but could change
// something (CSRF). Source: Fetch standard, Origin; Fetch Metadata, Sec-Fetch-Site.
// Thread rule: pure function.
#pragma once

#include "core/request/cors.hpp"
#include "core/request/head.hpp"

namespace gateway {

// Programs other than browsers send neither field and pass; "null" is the origin of nobody we know.
bool is_cross_site(const request_head& head);

// Whether a request of clients may change something: not if it is a page's of another site, unless the policy names its origin. "*"
// names nobody: a browser adds the password or the certificate that it knows of its user to any page's request.
bool may_change(const request_head& head, const cors_policy& policy);

// Whether a Host names something that a stranger's DNS may lead here: a page of that name could read what we say as its own (DNS
// rebinding). Addresses, localhost and names without a dot are nobody's to give away.
bool may_be_rebound(std::string_view host);

}  // namespace gateway
