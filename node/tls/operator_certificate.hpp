// A certificate that the operator's own authority made for the API: two PEM files, read again when they change. A bad new
// pair is told once, and the old one goes on being shown.
//
// look() on one thread; context() and not_after_s() on any.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <string>

#include "node/error.hpp"
#include "node/tls/own_certificate.hpp"

namespace socai::node::tls {

class OperatorCertificate {
  public:
    // `certificate`: the node's, then those that lead to the authority. `key`: its private key, mode 0600.
    OperatorCertificate(std::string certificate, std::string key);

    // Errors, with what to do: file_unreadable, bad_tls_certificate, key_exposed.
    Result<void> load();
    // Loads again what has changed since, once it has stood still between two looks: two files are replaced one after the
    // other. Nothing: nothing new; else what became of the new pair.
    enum class Look { same, taken, refused };
    Look look();
    const Error& refusal() const { return refusal_; }  // after Look::refused

    Context context() const;
    std::int64_t not_after_s() const;

  private:
    struct Stamp {
        ino_t inode = 0;
        off_t size = 0;
        std::int64_t changed_ns = 0;
        bool operator==(const Stamp&) const = default;
    };
    using Stamps = std::array<Stamp, 2>;
    struct Loaded {
        Context context;
        std::int64_t not_after_s = 0;
    };
    Stamps stamps() const;
    Result<Loaded> read() const;

    const std::string certificate_;
    const std::string key_;
    Stamps judged_{};  // of the pair that was loaded or refused last
    Stamps seen_{};    // at the last look
    Error refusal_;
    mutable std::mutex mutex_;  // guards the next
    Loaded loaded_;
};

}  // namespace socai::node::tls
