// Something to be done once: a callable held in place, never on the heap, as most of a run's time would go into
// allocating what is planned. What does not fit does not compile.
#pragma once

#include <cassert>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace socai::simulation {

class Action {
  public:
    static constexpr std::size_t room = 288;

    Action() = default;
    template <class F>
    requires(!std::is_same_v<std::decay_t<F>, Action>)
        Action(F&& callable) {  // NOLINT(google-explicit-constructor): a lambda is an action
        using Held = std::decay_t<F>;
        static_assert(sizeof(Held) <= room && alignof(Held) <= alignof(std::max_align_t));
        static_assert(std::is_nothrow_move_constructible_v<Held>);
        ::new (static_cast<void*>(held_)) Held(std::forward<F>(callable));
        run_ = [](void* held) { (*static_cast<Held*>(held))(); };
        move_ = [](void* from, void* to) {
            if (to != nullptr) ::new (to) Held(std::move(*static_cast<Held*>(from)));
            static_cast<Held*>(from)->~Held();
        };
    }
    Action(Action&& other) noexcept { take(other); }
    Action& operator=(Action&& other) noexcept {
        if (this != &other) {
            clear();
            take(other);
        }
        return *this;
    }
    ~Action() { clear(); }

    void operator()() {
        assert(run_ != nullptr);
        run_(held_);
    }

  private:
    void take(Action& other) {
        if (other.run_ == nullptr) return;
        other.move_(other.held_, held_);
        run_ = std::exchange(other.run_, nullptr);
        move_ = other.move_;
    }
    void clear() {
        if (run_ != nullptr) move_(held_, nullptr);
        run_ = nullptr;
    }

    alignas(std::max_align_t) std::byte held_[room];
    void (*run_)(void*) = nullptr;
    void (*move_)(void* from, void* to) = nullptr;  // to null: only ends `from`
};

}  // namespace socai::simulation
