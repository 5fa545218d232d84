#include "codec/query_frames.h"

#include <schema/query.capnp.h>

#include "codec/capnp_frame.h"
#include "codec/error_codes.h"
#include "codec/utf8.h"
#include "domain/condition_attributes.h"
#include "domain/form_nouns.h"

namespace tenure::codec {
namespace {

// What most frames fit into, so that building one allocates little.
constexpr std::size_t first_segment_words = 4096;

class Reading {
public:
    void text(capnp::Text::Reader from, std::string& to, const char* field) {
        if (!is_utf8({from.begin(), from.size()})) [[unlikely]]
            refuse(field, "is not UTF-8");
        to.assign(from.begin(), from.size());
    }

    Instant instant(std::int64_t us, const char* field) {
        const Instant t{us};
        if (t < instant_min || t > instant_max) [[unlikely]]
            refuse(field, "is not a time between the years 0 and 9999");
        return t;
    }

    void refuse(const char* field, const char* what) {
        if (!error_) error_ = invalid(field, std::string(field) + ' ' + what);
    }

    Result<void> result() {
        if (error_) return std::move(*error_);
        return success();
    }

private:
    std::optional<Error> error_;
};

domain::AttributeValues values_of(schema::Attribute::Values::Reader from, Reading& reading) {
    using Kind = schema::Attribute::Values;
    switch (from.which()) {
        case Kind::BOOLEAN:
            return from.getBoolean();
        case Kind::INTEGERS: {
            std::vector<std::int64_t> integers;
            for (const std::int64_t each : from.getIntegers()) integers.push_back(each);
            return integers;
        }
        case Kind::TEXTS: {
            std::vector<std::string> texts;
            for (const auto each : from.getTexts())
                reading.text(each, texts.emplace_back(), "given");
            return texts;
        }
    }
    reading.refuse("given", "has a kind of value that this program does not know");
    return {};
}

std::vector<domain::Attribute> attributes_of(capnp::List<schema::Attribute>::Reader from,
                                             Reading& reading) {
    std::vector<domain::Attribute> attributes;
    for (const auto each : from) {
        domain::Attribute& attribute = attributes.emplace_back();
        reading.text(each.getName(), attribute.name, "given");
        attribute.values = values_of(each.getValues(), reading);
    }
    return attributes;
}

void read_given(schema::Given::Reader from, domain::AskedAttributes& to, Reading& reading) {
    reading.text(from.getSubOperation(), to.sub_operation, "given.subOperation");
    domain::condition::GivenAttributes given;
    given.request = attributes_of(from.getRequest(), reading);
    given.resource = attributes_of(from.getResource(), reading);
    given.environment = attributes_of(from.getEnvironment(), reading);
    if (!domain::check_attributes(given)) reading.refuse("given", "is not in order");
    to.request = domain::condition::AttributeSet{std::move(given.request)};
    to.resource = domain::condition::AttributeSet{std::move(given.resource)};
    to.environment = domain::condition::AttributeSet{std::move(given.environment)};
}

void read_check(schema::Check::Reader from, std::string_view tenant, domain::CheckQuestion& to,
                Reading& reading) {
    to.tenant = tenant;
    reading.text(from.getPrincipal(), to.principal, "principal");
    reading.text(from.getAction(), to.action, "action");
    reading.text(from.getScope(), to.scope, "scope");
    to.plane = from.getDataPlane() ? domain::Plane::data : domain::Plane::control;
    to.as_of = {};
    if (from.getHasKnownAt()) to.as_of.known_at = reading.instant(from.getKnownAt(), "knownAt");
    const auto when = from.getWhen();
    switch (when.which()) {
        case schema::Check::When::NOW:
            break;
        case schema::Check::When::AT:
            to.as_of.at = reading.instant(when.getAt(), "at");
            break;
        case schema::Check::When::REVISION:
            to.as_of.revision = Revision{when.getRevision()};
            break;
        default:
            reading.refuse("when", "is of a kind that this program does not know");
    }
    if (from.hasGiven())
        read_given(from.getGiven(), to.attributes, reading);
    else
        to.attributes = {};
}

void write_attributes(capnp::List<schema::Attribute>::Builder to,
                      const std::vector<domain::Attribute>& from) {
    for (unsigned i = 0; i < from.size(); ++i) {
        auto attribute = to[i];
        attribute.setName(from[i].name);
        auto values = attribute.getValues();
        if (const auto* flag = std::get_if<bool>(&from[i].values)) {
            values.setBoolean(*flag);
        } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&from[i].values)) {
            auto list = values.initIntegers(static_cast<unsigned>(integers->size()));
            for (unsigned k = 0; k < integers->size(); ++k) list.set(k, (*integers)[k]);
        } else {
            const auto& texts = std::get<std::vector<std::string>>(from[i].values);
            auto list = values.initTexts(static_cast<unsigned>(texts.size()));
            for (unsigned k = 0; k < texts.size(); ++k) list.set(k, texts[k]);
        }
    }
}

void write_given(schema::Check::Builder check, const domain::AskedAttributes& from) {
    if (from == domain::AskedAttributes{}) return;
    auto to = check.initGiven();
    if (!from.sub_operation.empty()) to.setSubOperation(from.sub_operation);
    const auto size = [](const auto& set) { return static_cast<unsigned>(set.all().size()); };
    if (size(from.request) > 0)
        write_attributes(to.initRequest(size(from.request)), from.request.all());
    if (size(from.resource) > 0)
        write_attributes(to.initResource(size(from.resource)), from.resource.all());
    if (size(from.environment) > 0)
        write_attributes(to.initEnvironment(size(from.environment)), from.environment.all());
}

void write_problem(schema::Problem::Builder to, const Error& from) {
    to.setCode(name_of(from.code));
    to.setDetail(from.detail);
    if (!from.field.empty()) to.setField(from.field);
}

Error read_problem(schema::Problem::Reader from) {
    const std::string_view code{from.getCode().begin(), from.getCode().size()};
    return {error_code_named(code).value_or(Errc::unavailable), from.getDetail().cStr(),
            from.getField().cStr()};
}

}  // namespace

Result<void> decode_questions(Bytes bytes, std::string_view tenant, std::size_t checks_max,
                              QuestionFrame& to) {
    to.id = 0;
    to.size = 0;
    to.at_least.reset();
    Reading reading;
    std::optional<Error> too_many;
    TRY(read_frame<schema::Questions>(bytes, [&](schema::Questions::Reader frame) {
        to.id = frame.getId();
        if (frame.getAtLeast() != 0) to.at_least = Revision{frame.getAtLeast()};
        const auto checks = frame.getChecks();
        if (checks.size() > checks_max) {
            too_many = Error{Errc::limit_exceeded,
                             std::to_string(checks.size()) + " checks are in the frame; at most " +
                                 std::to_string(checks_max) + " are taken",
                             "checks"};
            return;
        }
        if (to.checks.size() < checks.size()) to.checks.resize(checks.size());
        for (unsigned i = 0; i < checks.size(); ++i)
            read_check(checks[i], tenant, to.checks[i], reading);
        to.size = checks.size();
    }));
    if (too_many) return std::move(*too_many);
    return reading.result();
}

void encode_questions(const QuestionFrame& frame, FrameBytes& to) {
    capnp::MallocMessageBuilder message{first_segment_words};
    auto root = message.initRoot<schema::Questions>();
    root.setId(frame.id);
    if (frame.at_least) root.setAtLeast(frame.at_least->value);
    auto checks = root.initChecks(static_cast<unsigned>(frame.size));
    for (unsigned i = 0; i < frame.size; ++i) {
        const domain::CheckQuestion& from = frame.checks[i];
        auto check = checks[i];
        check.setPrincipal(from.principal);
        check.setAction(from.action);
        check.setScope(from.scope);
        if (from.plane == domain::Plane::data) check.setDataPlane(true);
        if (from.as_of.known_at) {
            check.setHasKnownAt(true);
            check.setKnownAt(from.as_of.known_at->us);
        }
        if (from.as_of.at) check.getWhen().setAt(from.as_of.at->us);
        if (from.as_of.revision) check.getWhen().setRevision(from.as_of.revision->value);
        write_given(check, from.attributes);
    }
    write_frame(message, to);
}

Result<AnswerFrame> decode_answers(Bytes bytes) {
    AnswerFrame to;
    TRY(read_frame<schema::Answers>(bytes, [&](schema::Answers::Reader frame) {
        to.id = frame.getId();
        if (frame.hasProblem()) to.problem = read_problem(frame.getProblem());
        to.answers.reserve(frame.getAnswers().size());
        for (const auto from : frame.getAnswers()) {
            FrameAnswer& answer = to.answers.emplace_back();
            switch (from.getDecision()) {
                case schema::Answer::Decision::ALLOW:
                    answer.decision = FrameAnswer::Decision::allow;
                    break;
                case schema::Answer::Decision::DENY:
                    answer.decision = FrameAnswer::Decision::deny;
                    break;
                default:
                    break;
            }
            answer.final = from.getFinal();
            answer.revision = Revision{from.getRevision()};
            if (from.getHasClock()) answer.clock = Instant{from.getClock()};
            if (from.hasProblem()) answer.problem = read_problem(from.getProblem());
        }
    }));
    return to;
}

void encode_answers(const AnswerFrame& frame, FrameBytes& to) {
    capnp::MallocMessageBuilder message{first_segment_words};
    auto root = message.initRoot<schema::Answers>();
    root.setId(frame.id);
    if (frame.problem) write_problem(root.initProblem(), *frame.problem);
    auto answers = root.initAnswers(static_cast<unsigned>(frame.answers.size()));
    for (unsigned i = 0; i < frame.answers.size(); ++i) {
        const FrameAnswer& from = frame.answers[i];
        auto answer = answers[i];
        using Decision = schema::Answer::Decision;
        answer.setDecision(from.decision == FrameAnswer::Decision::allow  ? Decision::ALLOW
                           : from.decision == FrameAnswer::Decision::deny ? Decision::DENY
                                                                          : Decision::NONE);
        answer.setFinal(from.final);
        answer.setRevision(from.revision.value);
        if (from.clock) {
            answer.setHasClock(true);
            answer.setClock(from.clock->us);
        }
        if (from.problem) write_problem(answer.initProblem(), *from.problem);
    }
    write_frame(message, to);
}

}  // namespace tenure::codec
