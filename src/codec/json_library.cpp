// Boost.JSON is used without its library: this is the one place that holds its compiled part.

#include <boost/json/src.hpp>
