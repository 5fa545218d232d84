#pragma once
// What happens when the file of an open database turns out to be damaged: a message, a note in the
// database's directory if another may be made in its place, and the end of the process (abort).
// Never an answer: what is in memory may be damaged as well.

#include <string>

namespace tenure::storage {

class Environment;

// Name of the note in the database's directory.
inline constexpr const char* damage_note = "damage-found";

// What the note in `directory` says; empty if there is none. A database with one is not to be used.
std::string noted_damage(const std::string& directory);

// Ends the process because of a row of the database this thread read last.
[[noreturn]] void fatal_damage(const std::string& what);

// Makes SIGBUS and SIGSEGV end as fatal_damage() does, where the thread was reading a database:
// LMDB follows the pointers of a damaged page wherever they lead. A full file system, which may end
// in the same way, is called that and leaves no note. Other faults are left to who handled them
// before. For the main function of a program.
void end_on_damage();

// Private to this folder: the database that the calling thread reads or writes from here on; or
// null.
void touch(const Environment* environment);
void untouch(const Environment* environment);

}  // namespace tenure::storage
