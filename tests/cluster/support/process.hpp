// Running programs with a deadline, waiting for conditions, and a folder that goes away: what every test with
// real processes needs. Linux.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace socai::cluster_tests {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// How long a test waits for something that must happen. Far beyond what a loaded machine needs: passing it is
// a fault, never a matter of speed.
inline constexpr milliseconds patience{60'000};

struct ProgramResult {
    int exit_status = -1;  // -1: did not end by itself within the deadline (it was killed), or by a signal
    std::string output;    // standard output and standard error, as they came
};

// Runs `command` (a path and its arguments) to its end. Throws when it cannot be started.
ProgramResult run_program(const std::vector<std::string>& command, milliseconds deadline = patience);

// Asks `condition` until it is true; false when `deadline` passes first.
bool wait_until(const std::function<bool()>& condition, milliseconds deadline = patience);

// A folder of its own below the system's temporary one, removed with its contents.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const { return path_; }
    std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
    // The folder stays after all: somebody wants to look at it.
    void keep() { kept_ = true; }

  private:
    std::string path_;
    bool kept_ = false;
};

// Whole files. read_text throws when the file cannot be read.
std::string read_text(const std::string& path);
void write_text(const std::string& path, std::string_view text);
// The last `lines` lines of a file; empty when there is none.
std::string last_lines(const std::string& path, std::size_t lines);

// Milliseconds since the epoch: the signed time of a record that is made now.
std::int64_t now_ms();

}  // namespace socai::cluster_tests
