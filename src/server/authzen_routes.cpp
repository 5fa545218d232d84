#include "server/route.h"

namespace tenure::server {

void add_authzen_routes(std::vector<Route>&) {}

}  // namespace tenure::server
