// Follows a leader and asks in process: may the principal do it now, and could it then?
//
//   follow DIRECTORY URL REVISION TENANT PRINCIPAL ACTION SCOPE THEN
//
// REVISION is from the receipt of a change that the answers have to know of.

#include <iostream>

#include "server/embedded_follower.h"
#include "system/system_clock.h"
#include "system/system_random.h"

using namespace tenure;

Result<void> print(const std::string& when, const Result<query::CheckAnswer>& answer) {
    if (!answer) return answer.error();
    std::cout << when << (answer.value().allowed ? " allow" : " deny") << ", as of revision "
              << answer.value().basis.revision.value
              << (answer.value().basis.final ? ", for ever\n" : "\n");
    return success();
}

Result<void> follow(char** arguments, Clock& clock, Random& random) {
    server::FollowerSettings settings;
    settings.directory = arguments[1];
    settings.node = "example";
    settings.source = arguments[2];
    TRY(const auto follower, server::EmbeddedFollower::open(settings, clock, random));
    constexpr std::chrono::seconds patience{10};
    TRY(follower->wait_for(Revision{std::stoull(arguments[3])}, patience));
    TRY(const Instant then, parse_instant(arguments[8], "THEN"));
    TRY(follower->wait_for(then, patience));  // else an answer about it might not be final

    const auto session = follower->session();  // of this thread
    domain::CheckQuestion question{arguments[4], arguments[5], arguments[6], domain::Plane::control,
                                   arguments[7]};
    TRY(print("now", session->check(question)));
    question.as_of.at = then;
    return print("then", session->check(question));
}

int main(int count, char** arguments) {
    if (count != 9) return 2;
    system::SystemClock clock;
    system::SystemRandom random;
    const auto followed = follow(arguments, clock, random);
    if (followed) return 0;
    std::cerr << "follow: " << followed.error().detail << '\n';
    return 1;
}
