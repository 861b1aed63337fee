// Does not compile since C++17: what became of an upload must be looked at.
#include <ossbind.hpp>

int main() { ossbind::upload(ossbind::upload_request()); }
