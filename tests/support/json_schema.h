#pragma once
// JsonSchema: does a value look as a schema of an OpenAPI document says? The part of JSON Schema
// that schema/openapi.json uses; a keyword that is not known here is a fault of the schema, so that
// nothing is passed over.

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tenure::testing {

class JsonSchema {
public:
    // The document that references ("#/...") lead into; outlives it.
    explicit JsonSchema(const boost::json::value& document) : document_{document} {}

    // What is wrong, each with the path of the value; empty: nothing.
    std::vector<std::string> faults(const boost::json::value& schema,
                                    const boost::json::value& value) const;

    // What `part` is, or what its $ref leads to.
    const boost::json::value& followed(const boost::json::value& part) const;

private:
    using Faults = std::vector<std::string>;

    void check(const boost::json::object& schema, const boost::json::value& value,
               const std::string& path, Faults& faults) const;
    void check_keyword(std::string_view keyword, const boost::json::object& schema,
                       const boost::json::value& value, const std::string& path,
                       Faults& faults) const;
    void check_members(const boost::json::object& schema, const boost::json::object& value,
                       const std::string& path, Faults& faults) const;
    std::size_t count_of_good(const boost::json::array& schemas,
                              const boost::json::value& value) const;

    const boost::json::value& document_;
};

}  // namespace tenure::testing
