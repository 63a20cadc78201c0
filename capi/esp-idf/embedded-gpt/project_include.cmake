# For CMakeLists.txt of other components: embedded_gpt_add_model.
include("${CMAKE_CURRENT_LIST_DIR}/../../cmake/embedded-gpt.cmake")
