# Stands in for Zephyr: find_package(Zephyr) gives the application what the module and the sample take of it, with
# options from the file that CONFIG_FILE names. The board is that of firmware-examples/c-cortex-m.

function(zephyr_include_directories)
    target_include_directories(zephyr_interface INTERFACE ${ARGV})
endfunction()

function(zephyr_library_import name path)
    add_library(${name} STATIC IMPORTED GLOBAL)
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${path}")
    set_property(GLOBAL APPEND PROPERTY ZEPHYR_LIBS ${name})
endfunction()

# As Zephyr does it: NAME=y and NAME="text" become variables.
file(STRINGS "${CONFIG_FILE}" options REGEX "^CONFIG_")
foreach(option IN LISTS options)
    string(REGEX MATCH "^([A-Z0-9_]+)=\"?([^\"]*)" whole "${option}")
    set(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
endforeach()

enable_language(C ASM)
get_filename_component(examples "${CMAKE_CURRENT_LIST_DIR}/../../../firmware-examples" ABSOLUTE)
set(core -mthumb -mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16)
add_library(zephyr_interface INTERFACE)
target_include_directories(zephyr_interface INTERFACE "${CMAKE_CURRENT_LIST_DIR}/include" "${examples}/c-programs")
target_compile_options(zephyr_interface INTERFACE ${core} -Os -ffunction-sections -fdata-sections -Wall -Wextra -Werror)

# Modules are read before the application goes on.
foreach(module IN LISTS EXTRA_ZEPHYR_MODULES)
    file(STRINGS "${module}/zephyr/module.yml" directory REGEX "^  cmake: ")
    string(REPLACE "  cmake: " "" directory "${directory}")
    add_subdirectory("${module}/${directory}" modules)
endforeach()

add_library(app OBJECT)
set_source_files_properties(src/main.c PROPERTIES COMPILE_DEFINITIONS main=sample_main)
target_link_libraries(app PRIVATE zephyr_interface)
add_executable(zephyr "${CMAKE_CURRENT_LIST_DIR}/shell.c" "${examples}/c-programs/print.c"
    "${examples}/c-cortex-m/startup.c" "${examples}/c-cortex-m/semihosting.c" $<TARGET_OBJECTS:app>)
# Zephyr links the libraries of modules as a whole.
get_property(libraries GLOBAL PROPERTY ZEPHYR_LIBS)
target_link_libraries(zephyr PRIVATE zephyr_interface -Wl,--whole-archive ${libraries} -Wl,--no-whole-archive)
target_link_options(zephyr PRIVATE ${core} --specs=nano.specs -nostartfiles "SHELL:-T \"${examples}/c-cortex-m/mps2.ld\""
    "SHELL:-T \"${examples}/c-programs/link.ld\"" -Wl,--gc-sections -Wl,-z,noexecstack -Wl,--fatal-warnings)
