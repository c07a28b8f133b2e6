/// \file
/// The numbers of clients, token sources and caches as Prometheus metrics. Needs prometheus-cpp; link
/// `equinix::sts_prometheus`. Not part of `<equinix/sts.hpp>`.
#pragma once

#include <equinix/sts/client.hpp>
#include <equinix/sts/observer.hpp>
#include <equinix/sts/token_cache.hpp>
#include <equinix/sts/token_source.hpp>

#include <prometheus/collectable.h>

#include <memory>
#include <string>
#include <vector>

namespace equinix::sts {

/// Collects metrics when Prometheus asks for them. Register it with a `prometheus::Exposer`, which holds
/// only a `weak_ptr`:
/// `auto const metrics = std::make_shared<prometheus_collector>(); exposer.RegisterCollectable(metrics);`
///
/// The names begin with `equinix_sts_`. Labels: `client`, `source` or `cache`, with the name that `watch`
/// got; for exchanges also `result`, which is `token` or the name of an error kind. The guide has a table.
///
/// Thread-safety: all functions may be called at any time, from any thread.
class prometheus_collector : public prometheus::Collectable {
public:
    prometheus_collector();
    prometheus_collector(prometheus_collector const&) = delete;
    prometheus_collector& operator=(prometheus_collector const&) = delete;
    ~prometheus_collector() override;

    /// Adds an object, which the collector holds until `forget`. `name` is a label: it must be UTF-8 and
    /// should not contain anything that changes from call to call. Another object of the same kind and name
    /// replaces the first.
    void watch(std::string name, client one);
    /// \copydoc watch(std::string, client)
    void watch(std::string name, token_source one);
    /// \copydoc watch(std::string, client)
    void watch(std::string name, token_cache one);

    /// Releases the objects of this name. Their metrics end.
    void forget(std::string const& name);

    /// Returns an observer that measures each attempt for the histogram `equinix_sts_attempt_seconds`. Set it
    /// as `client_options::observer`, or call it from an observer of your own. It may outlive the collector.
    observer attempts();

    /// Returns the metrics. prometheus-cpp calls it.
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    struct state;
    std::shared_ptr<state> const state_;
};

} // namespace equinix::sts
