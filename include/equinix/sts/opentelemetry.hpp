/// \file
/// Spans and metrics of a client's attempts for OpenTelemetry, by its semantic conventions for HTTP clients.
/// Needs the API of OpenTelemetry for C++; link `equinix::sts_otel`. Not part of
/// `<equinix/sts.hpp>`.
#pragma once

#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/observer.hpp>

#include <opentelemetry/metrics/meter.h>
#include <opentelemetry/nostd/shared_ptr.h>
#include <opentelemetry/trace/span_context.h>
#include <opentelemetry/trace/tracer.h>

#include <cstdint>
#include <functional>

namespace equinix::sts {

/// What to use. Set members on a named object.
struct opentelemetry_options {
    opentelemetry_options() = default;

    /// Default: that of the global provider, with the name `equinix-sts`.
    opentelemetry::nostd::shared_ptr<opentelemetry::trace::Tracer> tracer;

    /// Default: that of the global provider, with the name `equinix-sts`.
    opentelemetry::nostd::shared_ptr<opentelemetry::metrics::Meter> meter;

    /// Returns the parent of an attempt's span, by `exchange_request::tag`. Must be thread-safe. Default:
    /// none; the attempts of an exchange are then spans of their own.
    std::function<opentelemetry::trace::SpanContext(std::uint64_t tag)> parent;
};

/// Creates an observer that makes a span `POST` of kind client for each attempt, and records its duration in
/// the histogram `http.client.request.duration`. Set it as `client_options::observer`.
///
/// Attributes: `http.request.method`, `http.request.resend_count`, `http.response.status_code`, `error.type`
/// (the status, or the name of an error kind), `network.peer.address`, `network.peer.port`,
/// `network.protocol.version`, `server.address`, `server.port`, `url.full`. The metric has those without
/// `resend_count`, `peer` and `url`.
///
/// \param where   the endpoint of the client, for the attributes of the server.
/// \param options the tracer and the meter, if not the global ones.
observer opentelemetry_observer(endpoint const& where,
                                opentelemetry_options options = opentelemetry_options());

} // namespace equinix::sts
