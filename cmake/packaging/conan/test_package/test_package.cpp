#include <equinix/sts.hpp>

#include <boost/asio/io_context.hpp>

#include <iostream>

int main() {
    boost::asio::io_context context;
    equinix::sts::client_options options;
    options.endpoint = equinix::sts::endpoint("https://localhost/");
    equinix::sts::client const client(context.get_executor(), options);
    std::cout << "equinix-sts " EQUINIX_STS_VERSION ": " << client.stats().open << " connections\n";
}
