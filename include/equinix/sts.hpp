/// \file
/// The client API. Include separately: `authorized_api.hpp`, `redis_store.hpp`, `grpc.hpp`,
/// `opentelemetry.hpp`, `prometheus.hpp`, and the headers for tests in `equinix/sts/testing`.
#pragma once

#include <equinix/sts/client.hpp>
#include <equinix/sts/dpop.hpp>
#include <equinix/sts/endpoint.hpp>
#include <equinix/sts/error.hpp>
#include <equinix/sts/exchange_request.hpp>
#include <equinix/sts/file_store.hpp>
#include <equinix/sts/keys.hpp>
#include <equinix/sts/observer.hpp>
#include <equinix/sts/options.hpp>
#include <equinix/sts/proxy.hpp>
#include <equinix/sts/refresh.hpp>
#include <equinix/sts/retry.hpp>
#include <equinix/sts/scope.hpp>
#include <equinix/sts/secret.hpp>
#include <equinix/sts/stats.hpp>
#include <equinix/sts/subject_token.hpp>
#include <equinix/sts/subject_token_supplier.hpp>
#include <equinix/sts/suppliers.hpp>
#include <equinix/sts/token.hpp>
#include <equinix/sts/token_cache.hpp>
#include <equinix/sts/token_source.hpp>
#include <equinix/sts/token_store.hpp>
#include <equinix/sts/version.hpp>
