#include "storage/boot_id.h"

#include <fstream>

namespace tenure::storage {

std::string boot_id() {
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string id;
    std::getline(file, id);
    return id;
}

}  // namespace tenure::storage
