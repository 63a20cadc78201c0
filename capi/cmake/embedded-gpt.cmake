# What the Zephyr module and the ESP-IDF component share: the library built by cargo, a model in flash.

include("${CMAKE_CURRENT_LIST_DIR}/embedded-gpt-model.cmake")

set(EMBEDDED_GPT_ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." CACHE INTERNAL "The repository of embedded-gpt")

# Fails if the library is not there that an option names.
function(embedded_gpt_check_library)
    if(NOT EXISTS "${CONFIG_EMBEDDED_GPT_LIBRARY}")
        message(FATAL_ERROR "CONFIG_EMBEDDED_GPT_LIBRARY: there is no ${CONFIG_EMBEDDED_GPT_LIBRARY}")
    endif()
endfunction()

# embedded_gpt_build(<out> TARGET <Rust target> [CPU <core>])
#
# Builds the library by `cargo xtask capi` with the parts that options ask for, anew when its sources have changed, as
# the CMake target embedded_gpt_build. Its path is put into the variable <out>.
function(embedded_gpt_build out)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TARGET;CPU" "")
    find_program(EMBEDDED_GPT_CARGO cargo HINTS "$ENV{CARGO_HOME}/bin" "$ENV{HOME}/.cargo/bin"
        DOC "Rust's package manager, which builds embedded-gpt")
    if(NOT EMBEDDED_GPT_CARGO)
        message(FATAL_ERROR "embedded-gpt is built by cargo, which is not in the PATH: install Rust (https://rustup.rs), "
            "or name a library that `cargo xtask capi` has built elsewhere")
    endif()
    set(directory "${CMAKE_CURRENT_BINARY_DIR}/embedded-gpt")
    set(library "${directory}/libembedded_gpt.a")
    set(cpu "")
    set(core "")
    if(arg_CPU)
        set(cpu --target-cpu ${arg_CPU})
        set(core " (${arg_CPU})")
    endif()
    set(features "")
    foreach(part keys shell pieces caret correction dictionary phrase next-letters generator classifier inspect)
        string(TOUPPER "${part}" option)
        string(REPLACE "-" "_" option "${option}")
        if(CONFIG_EMBEDDED_GPT_${option})
            list(APPEND features ${part})
        endif()
    endforeach()
    list(JOIN features "," features)
    message(STATUS "embedded-gpt: ${arg_TARGET}${core}, parts: ${features}")
    # cargo knows what has changed, so it runs each time. What links the library waits for a copy that is new only if
    # it differs.
    add_custom_target(embedded_gpt_build
        COMMAND "${EMBEDDED_GPT_CARGO}" xtask capi --target ${arg_TARGET} ${cpu} "--features=${features}"
            --out "${directory}"
        COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${directory}/lib/libembedded_gpt.a" "${library}"
        BYPRODUCTS "${library}"
        WORKING_DIRECTORY "${EMBEDDED_GPT_ROOT}"
        COMMENT "Building embedded-gpt"
        VERBATIM)
    set(${out} "${library}" PARENT_SCOPE)
endfunction()
