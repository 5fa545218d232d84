#pragma once

// match{lambdas...}: the visitor for std::visit.

namespace tenure {

template <class... F>
struct match : F... {
    using F::operator()...;
};
template <class... F>
match(F...) -> match<F...>;

}  // namespace tenure
