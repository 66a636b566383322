// Whether a page of another site made a request in an operator's browser. Such a page cannot read the answer, but it could change something
// (CSRF). Source: Fetch standard, Origin; Fetch Metadata, Sec-Fetch-Site.
// Thread rule: pure function.
#pragma once

#include "core/request/cors.hpp"
#include "core/request/head.hpp"

namespace gateway {

// Programs other than browsers send neither field and pass; the origin "null" matches no known site.
bool is_cross_site(const request_head& head);

// Whether a client's request may change something: a page of another site may not, unless the policy names its origin. "*" is not such a
// name: a browser adds its user's password or certificate to the requests of any page.
bool may_change(const request_head& head, const cors_policy& policy);

// Whether another party's DNS may point this Host at us: a page of that name could then read our answers as its own (DNS rebinding). This
// cannot happen with addresses, localhost and names without a dot.
bool may_be_rebound(std::string_view host);

}  // namespace gateway
