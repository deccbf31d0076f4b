package io.mambaaudio.server;

import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import java.nio.file.Files;
import java.nio.file.Path;

/** TLS from the files that people have. */
final class TlsFiles {
    private TlsFiles() {}

    /**
     * A PEM certificate, with those that vouch for it, and its key, not encrypted.
     *
     * @throws ServerException in one line, if that is not what the files hold
     */
    static Tls pem(Path certificate, Path key) {
        requireFile(certificate);
        requireFile(key);
        return of(certificate + " and " + key, () -> Keys.builder()
                .pem(pem -> pem.key(Resource.create(key)).certChain(Resource.create(certificate)))
                .build());
    }

    /**
     * A PKCS#12 store with one key.
     *
     * @throws ServerException in one line, if that is not what the file holds
     */
    static Tls pkcs12(Path store, char[] password) {
        requireFile(store);
        return of(store.toString(), () -> Keys.builder()
                .keystore(keys -> keys.keystore(Resource.create(store)).passphrase(password))
                .build());
    }

    private static void requireFile(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new ServerException(file + " is not a file that can be read; give a certificate and its key");
        }
    }

    private static Tls of(String name, java.util.function.Supplier<Keys> read) {
        try {
            Keys keys = read.get();
            return Tls.builder()
                    .privateKey(keys.privateKey().orElseThrow())
                    .privateKeyCertChain(keys.certChain())
                    .build();
        } catch (RuntimeException e) {
            throw new ServerException(
                    name + " can't be used for TLS (" + e.getMessage()
                            + "); give a PEM certificate chain and PKCS#8 key, or a PKCS#12 store and its password",
                    e);
        }
    }
}
