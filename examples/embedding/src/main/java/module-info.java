/** An application with transcription inside. */
module com.example.embedding {
    requires io.mambaaudio.pretrained;
    requires io.mambaaudio.speech;
}
