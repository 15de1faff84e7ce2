import de.bwaldvogel.mongo.MongoBackend;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;

/** A server that speaks MongoDB's protocol: Launcher.java PORT [FILE]. */
public class Launcher {
    /** pymongo 4.20 refuses what the server calls itself by default (wire version 8). */
    record Version() implements MongoVersion {
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        public int getWireVersion() {
            return 13;
        }
    }

    public static void main(String[] arguments) {
        // An H2 file keeps what was written when the server is stopped by SIGTERM.
        H2Backend backend =
            arguments.length > 1 ? new H2Backend(arguments[1]) : H2Backend.inMemory();
        MongoServer server = new MongoServer(backend.version(new Version()));
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
        System.out.println("listening on " + server.getConnectionString());
    }
}
