// Separate compilation of Boost.Asio and Boost.Beast: their non-template parts are built here and nowhere
// else.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
