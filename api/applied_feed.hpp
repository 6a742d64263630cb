// Tells the connections that follow the ledger that more leaves have been applied. Safe from any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>

namespace socai::api {

class AppliedListener {
  public:
    virtual ~AppliedListener() = default;
    // More leaves may be read. Any thread, often: returns at once.
    virtual void applied() = 0;
};

class AppliedFeed {
  public:
    void add(const std::shared_ptr<AppliedListener>& listener);
    void remove(const AppliedListener* listener);
    void publish() const;

  private:
    mutable std::mutex mutex_;  // guards listeners_; never held while a listener is called
    std::map<const AppliedListener*, std::weak_ptr<AppliedListener>> listeners_;
};

}  // namespace socai::api
