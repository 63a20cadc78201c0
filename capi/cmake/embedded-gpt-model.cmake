# A model in a program.

set(EMBEDDED_GPT_MODEL_SOURCE "${CMAKE_CURRENT_LIST_DIR}/model.S" CACHE INTERNAL "Has a model in a program")

# embedded_gpt_add_model(<target> <file>)
#
# Puts a model into flash, as model_blob to model_blob_end. The project needs the language ASM.
function(embedded_gpt_add_model target model)
    get_filename_component(model "${model}" ABSOLUTE)
    if(NOT EXISTS "${model}")
        message(FATAL_ERROR "there is no model ${model}; `egpt export` writes one")
    endif()
    set(source "${EMBEDDED_GPT_MODEL_SOURCE}")
    target_sources(${target} PRIVATE "${source}")
    set_source_files_properties("${source}" PROPERTIES
        COMPILE_DEFINITIONS "MODEL=\"${model}\""
        OBJECT_DEPENDS "${model}")
endfunction()
