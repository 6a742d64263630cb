# Settings that every target of ours shares, and the one way to declare a module.
add_library(socai_options INTERFACE)
target_include_directories(socai_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(socai_options INTERFACE -Wall -Wextra -Wno-missing-field-initializers -Wpedantic -Wshadow -Wnon-virtual-dtor
                                               -Woverloaded-virtual -Wcast-qual -Wformat=2 -Werror)
# g++ 12 at -O2 takes sizes known in other branches for bounds here; they stay on in debug builds. clang does not know some of them.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(socai_options INTERFACE $<$<CONFIG:Release>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-restrict;-Wno-maybe-uninitialized>)
endif()
if(SOCAI_SANITIZE)
  add_compile_options(-fsanitize=${SOCAI_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SOCAI_SANITIZE})
  # With the sanitizers' checks in between, g++ 12 no longer sees which alternative of a result is alive, nor that the
  # frame of a coroutine is freed by the pair of what allocated it.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(socai_options INTERFACE -Wno-maybe-uninitialized -Wno-mismatched-new-delete)
  endif()
  if(SOCAI_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # g++ 12 warns of the fences in Asio's headers
  endif()
endif()

# What was compiled before, in this folder or in another clone on this machine, is not compiled again.
find_program(SOCAI_CCACHE ccache)
if(SOCAI_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_INODECACHE=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${SOCAI_CCACHE})
  # What ccache asks of either compiler where headers are precompiled.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  else()
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()

# Some ninety programs are linked: mold takes a tenth of the time that GNU ld does.
find_program(SOCAI_MOLD mold)
if(SOCAI_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Headers that most of a target's sources include are parsed once for all of them: that is half of what compiling costs.
# Sources name what they use all the same; -D SOCAI_PRECOMPILE=OFF holds them to it.
option(SOCAI_PRECOMPILE "Parse common headers once a target" ON)
set(SOCAI_PURE_HEADERS <algorithm> <array> <cassert> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string>
                       <string_view> <utility> <variant> <vector> <boost/json.hpp>)
set(SOCAI_IO_HEADERS <atomic> <chrono> <cstdio> <deque> <filesystem> <fstream> <mutex> <thread>)
set(SOCAI_SOCKET_HEADERS <boost/asio.hpp> <boost/beast.hpp> <spdlog/spdlog.h>)
# socai_precompile(TARGET HEADERS...)
function(socai_precompile TARGET)
  if(SOCAI_PRECOMPILE)
    target_precompile_headers(${TARGET} PRIVATE ${ARGN})
  endif()
endfunction()

# socai_module(NAME LIBRARIES...): a static library socai_NAME from every .cpp beside the CMakeLists.txt.
function(socai_module NAME)
  file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(socai_${NAME} STATIC ${SOURCES})
  target_link_libraries(socai_${NAME} PUBLIC socai_options ${ARGN})
endfunction()

# socai_simulated(TARGET): what runs hundreds of simulated clusters. Under the sanitizers it takes eight times as long at -O0.
function(socai_simulated TARGET)
  if(SOCAI_SANITIZE)
    target_compile_options(${TARGET} PRIVATE -O1)
  endif()
endfunction()
