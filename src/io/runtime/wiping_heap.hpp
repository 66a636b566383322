// The heap of the program: memory is wiped before it is given back, so that what was erased, and credentials of closed connections, are
// gone from the process as well. It replaces operator new and delete, and the allocation functions of OpenSSL. A hit allocates nothing.
// Thread rule: any thread.
#pragma once

namespace gateway {

// Call it first in main(): it brings operator delete into the program, and OpenSSL must not have allocated anything yet. False: OpenSSL
// keeps its own functions.
bool use_wiping_heap();

}  // namespace gateway
