#include "commands/store_commands.h"

#include "api/json_text.h"
#include "api/store_json.h"
#include "api/store_text.h"
#include "commands/remote.h"

namespace tenure::commands {

StoreCommands::StoreCommands(CLI::App& app, Program& program) : program_{program} {
    add_command(app, program, "init", "Make a store, and with --tenant its first tenant", [this] {
        return init();
    }).option("--owner", owner_, "PRINCIPAL", "Id of the tenant's owner, a user made with it");
    add_command(
        app, program, "status", "Show what the store holds and how large it is",
        [this] { return status(); },
        [](Remote& remote) {
            return remote.show_answer(remote.ask_server("/v1/status", remote.form()));
        });
    add_command(app, program, "verify",
                "Check the log against its tree, and the index against the log",
                [this] { return verify(); });
    add_command(app, program, "rebuild", "Make the index anew from the log",
                [this] { return rebuild(); });
    add_command(app, program, "backup", "Copy the store, and verify the copy", [this] {
        return backup();
    }).argument("directory", backup_directory_, "DIR", "Where to; must be new or empty");
    add_command(app, program, "restore", "Make a store of a backup", [this] { return restore(); })
        .argument("backup", backup_directory_, "DIR", "A directory that backup has made")
        .flag("--follower", as_follower_,
              "One to be served as a follower, which goes on from there; otherwise it leads");
}

Exit StoreCommands::init() {
    auto directory = program_.store_directory();
    if (!directory) return program_.fail(directory.error());
    const std::string& tenant = program_.global.tenant;
    if (program_.global.tenant_given && tenant.empty())
        return program_.misuse("a tenant's name is not empty");
    if (tenant.empty() && !owner_.empty())
        return program_.misuse("--owner needs --tenant: it is the tenant that has an owner");
    if (const auto created = node::Node::create(directory.value(), {tenant, owner_},
                                                program_.clock(), program_.random());
        !created)
        return program_.fail(created.error());
    if (!program_.json()) {
        program_.print_line("made a store in " + api::printable(directory.value()) +
                            (tenant.empty() ? "" : " with tenant " + api::printable(tenant)) +
                            (owner_.empty() ? "" : ", owned by " + api::printable(owner_)));
        return Exit::ok;
    }
    api::JsonText json;
    json.begin_object();
    json.member("store", directory.value());
    json.text_member("tenant", tenant);
    json.text_member("owner", owner_);
    json.end_object();
    program_.print_line(json.take());
    return Exit::ok;
}

Exit StoreCommands::status() {
    auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());
    const node::Status status = node.value()->status();
    program_.print_answer(status);
    return Exit::ok;
}

Exit StoreCommands::verify() {
    program_.stop_on_signals();
    auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());
    program_.stop_in_progress("the store was not verified to the end");
    const auto report =
        node.value()->verify([this](const node::Progress& at) { program_.progress(at); });
    program_.end_progress();
    if (!report) return program_.fail(report.error());
    if (program_.json())
        program_.print_line(api::to_json(report.value()));
    else
        program_.print(api::to_text(report.value(), program_.paint()));
    return report.value().ok() ? Exit::ok : Exit::storage;
}

Exit StoreCommands::rebuild() {
    program_.stop_on_signals();
    auto node = program_.open(Access::write);
    if (!node) return program_.fail(node.error());
    program_.stop_in_progress("the index from before stays in use");
    if (const auto rebuilt = node.value()->rebuild(); !rebuilt)
        return program_.fail(rebuilt.error());
    program_.end_progress();
    const node::Status status = node.value()->status();
    if (!program_.json()) {
        program_.print_line("rebuilt the index of " +
                            api::counted(status.committed.value, "event") + ": generation " +
                            std::to_string(status.index_generation) + ", " +
                            api::byte_size(status.index_bytes));
        return Exit::ok;
    }
    api::JsonText json;
    json.begin_object();
    json.member("events", status.committed);
    json.member("indexGeneration", status.index_generation);
    json.member("indexBytes", status.index_bytes);
    json.end_object();
    program_.print_line(json.take());
    return Exit::ok;
}

Exit StoreCommands::backup() {
    program_.stop_on_signals();
    auto node = program_.open(Access::read);
    if (!node) return program_.fail(node.error());
    program_.stop_in_progress("what is in " + backup_directory_ + " is no backup");
    if (const auto copied = node.value()->backup(
            backup_directory_, [this](const node::Progress& at) { program_.progress(at); });
        !copied)
        return program_.fail(copied.error());
    program_.end_progress();
    if (!program_.json()) {
        program_.print_line("backed up to " + api::printable(backup_directory_) + ", verified");
        return Exit::ok;
    }
    api::JsonText json;
    json.begin_object();
    json.member("backup", backup_directory_);
    json.end_object();
    program_.print_line(json.take());
    return Exit::ok;
}

Exit StoreCommands::restore() {
    auto directory = program_.store_directory();
    if (!directory) return program_.fail(directory.error());
    const auto as = as_follower_ ? node::RestoreAs::follower : node::RestoreAs::leader;
    if (const auto restored = node::restore(backup_directory_, directory.value(), as); !restored)
        return program_.fail(restored.error());
    // The first open makes the index.
    auto node = program_.open_silently(as_follower_ ? Access::follow : Access::write);
    if (!node) return program_.fail(node.error());
    const node::Status status = node.value()->status();
    if (!program_.json()) {
        program_.print_line("restored " + api::counted(status.committed.value, "event") + " to " +
                            api::printable(directory.value()) + ", tree root " + status.root);
        return Exit::ok;
    }
    api::JsonText json;
    json.begin_object();
    json.member("store", directory.value());
    json.member("revision", status.committed);
    json.member("root", status.root);
    json.end_object();
    program_.print_line(json.take());
    return Exit::ok;
}

}  // namespace tenure::commands
