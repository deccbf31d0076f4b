package io.mambaaudio.server;

import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

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
        return of(certificate + " and " + key, () -> {
            Keys keys = Keys.builder()
                    .pem(pem -> pem.key(Resource.create(key)).certChain(Resource.create(certificate)))
                    .build();
            return tls(keys.privateKey().orElseThrow(), keys.certChain());
        });
    }

    /**
     * A PKCS#12 store with one key.
     *
     * @throws ServerException in one line, if that is not what the file holds
     */
    static Tls pkcs12(Path store, char[] password) {
        requireFile(store);
        return of(store.toString(), () -> {
            KeyStore keys = KeyStore.getInstance(store.toFile(), password);
            String alias = Collections.list(keys.aliases()).stream()
                    .filter(name -> isKey(keys, name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("it has no key"));
            List<X509Certificate> chain = Stream.of(keys.getCertificateChain(alias))
                    .map(X509Certificate.class::cast)
                    .toList();
            return tls((PrivateKey) keys.getKey(alias, password), chain);
        });
    }

    private static boolean isKey(KeyStore keys, String alias) {
        try {
            return keys.isKeyEntry(alias);
        } catch (KeyStoreException e) {
            return false;
        }
    }

    private static void requireFile(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw new ServerException(file + " is not a file that can be read; give a certificate and its key");
        }
    }

    private static Tls tls(PrivateKey key, List<X509Certificate> chain) {
        return Tls.builder().privateKey(key).privateKeyCertChain(chain).build();
    }

    private static Tls of(String name, Callable<Tls> read) {
        try {
            return read.call();
        } catch (Exception e) {
            throw new ServerException(
                    name + " can't be used for TLS (" + e.getMessage()
                            + "); give a PEM certificate chain and PKCS#8 key, or a PKCS#12 store and its password",
                    e);
        }
    }
}
