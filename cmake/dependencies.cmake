# Every library comes from Debian 12 by name (README, "What it is built with").
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(RocksDB REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(cereal REQUIRED)
find_package(tomlplusplus REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)

# Asio and Beast are compiled once, here, and linked by whoever talks to sockets.
add_library(socai_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/asio_beast.cpp)
target_compile_definitions(socai_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
                                             BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(socai_asio PUBLIC Boost::boost Threads::Threads OpenSSL::SSL)
