/* The model, in flash, at a multiple of 16 as egpt_model_load asks for. */
    .section .rodata.model, "a"
    .global model_blob
    .global model_blob_end
    .balign 16
model_blob:
    .incbin MODEL
model_blob_end:

/* Nothing here needs a stack that can be executed. */
    .section .note.GNU-stack, "", %progbits
