#include "codec/catalogs.h"

#include <algorithm>

#include "base/invariant.h"
#include "base/text.h"
#include "codec/json_roles.h"

namespace tenure::schema {

// Made from schema/catalogs/ by schema/embed_catalogs.cmake.
extern const std::string_view* const catalog_texts;
extern const std::size_t catalog_count;

}  // namespace tenure::schema

namespace tenure::codec {
namespace {

using Kind = JsonValue::Kind;

class CatalogReading {
public:
    explicit CatalogReading(RoleReading& reading) : reading_{reading} {}

    domain::Catalog read() {
        domain::Catalog catalog;
        FoldedMembers members{reading_, 0};
        require(members, "catalog", catalog.name);
        if (const JsonIndex at = members.find({"version"}); at != 0) read_version(at, catalog);
        if (catalog.version == 0)
            reading_.refuse(0, "a catalog has a version, a whole number from 1", "version");
        members.take({"title"}, catalog.title);
        members.take({"description"}, catalog.description);
        members.take({"source"}, catalog.source);
        read_roles(members, "roles", catalog.roles);
        read_roles(members, "templates", catalog.templates);
        each(members, "operations", [&](FoldedMembers& lists) {
            lists.take({"actions"}, catalog.actions);
            lists.take({"dataActions"}, catalog.data_actions);
        });
        each(members, "tasks",
             [&](FoldedMembers& task) { read_task(task, catalog.tasks.emplace_back()); });
        each(members, "defaultRoles", [&](FoldedMembers& role) {
            domain::DefaultRole& to = catalog.default_roles.emplace_back();
            require(role, "when", to.when);
            require(role, "role", to.role);
            role.take({"at"}, to.at);
        });
        each(members, "grants", [&](FoldedMembers& grant) {
            domain::GrantTemplate& to = catalog.grants.emplace_back();
            require(grant, "grant", to.name);
            grant.take({"description"}, to.description);
            each(grant, "roles", [&](FoldedMembers& role) {
                domain::RoleAtPlace& place = to.roles.emplace_back();
                require(role, "role", place.role);
                require(role, "at", place.at);
            });
        });
        members.finish();
        return catalog;
    }

private:
    void require(FoldedMembers& members, std::string_view name, std::string& to) {
        members.take({name}, to);
        if (to.empty()) reading_.refuse(members.object(), quoted(name) + " is missing", name);
    }

    void read_version(JsonIndex at, domain::Catalog& catalog) {
        const JsonValue& value = reading_.source()[at];
        if (value.kind != Kind::integer || value.integer < 1)
            return reading_.refuse_type(at, "a version, a whole number from 1");
        catalog.version = static_cast<std::uint64_t>(value.integer);
    }

    void read_roles(FoldedMembers& members, std::string_view name, std::vector<domain::Role>& to) {
        const JsonIndex at = members.find({name});
        if (at == 0) return;
        for (domain::GivenRole& given : reading_.read_roles(at)) {
            if (!given.id_given && name == "roles")
                reading_.refuse(
                    at, "role " + quoted(given.role.name) + " has no id; a catalog gives each one");
            to.push_back(std::move(given.role));
        }
    }

    // Calls read for the object, or each object of the array, called `name`.
    template <class Read>
    void each(FoldedMembers& members, std::string_view name, const Read& read) {
        const JsonIndex at = members.find({name});
        if (at == 0) return;
        JsonDocument& source = reading_.source();
        if (source[at].kind != Kind::array) {
            FoldedMembers object{reading_, at};
            read(object);
            return object.finish();
        }
        for (JsonIndex i = at + 1; i < source[at].end; i = source[i].end) {
            FoldedMembers object{reading_, i};
            read(object);
            object.finish();
        }
    }

    void read_task(FoldedMembers& task, domain::CatalogTask& to) {
        require(task, "task", to.name);
        task.take({"at"}, to.at);
        task.take({"actions"}, to.actions);
        task.take({"dataActions"}, to.data_actions);
        const JsonIndex choices = task.find({"roles"});
        if (choices == 0) return;
        JsonDocument& source = reading_.source();
        if (source[choices].kind != Kind::array)
            return reading_.refuse_type(choices, "an array of choices, each an array of role ids");
        for (JsonIndex i = choices + 1; i < source[choices].end; i = source[i].end)
            reading_.read(i, to.roles.emplace_back());
    }

    RoleReading& reading_;
};

}  // namespace

Result<domain::Catalog> parse_catalog(std::string_view text) {
    JsonDocument document{text, "catalog"};
    RoleReading reading{document, text, 1};
    if (auto parsed = document.parse(); !parsed) return reading.located(std::move(parsed.error()));
    domain::Catalog catalog = CatalogReading{reading}.read();
    if (reading.failed()) return reading.take_error();
    return catalog;
}

const std::vector<EmbeddedCatalog>& embedded_catalogs() {
    static const std::vector<EmbeddedCatalog> catalogs = [] {
        std::vector<EmbeddedCatalog> all;
        for (std::size_t i = 0; i < schema::catalog_count; ++i) {
            auto parsed = parse_catalog(schema::catalog_texts[i]);
            INVARIANT(parsed.has_value());
            all.push_back({schema::catalog_texts[i], std::move(parsed.value())});
        }
        std::ranges::sort(all, {}, [](const EmbeddedCatalog& c) { return c.catalog.name; });
        return all;
    }();
    return catalogs;
}

const EmbeddedCatalog* find_catalog(std::string_view name) {
    const auto& all = embedded_catalogs();
    const auto found = std::ranges::find(
        all, name, [](const auto& each) -> std::string_view { return each.catalog.name; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace tenure::codec
