import Glibc

/// The files that plugins are built against: `lib/dubkit`, next to the folder of the program. `make install` puts it
/// there, or `make build` in a checkout. Without it, plugin files can be neither built nor loaded.
public struct PluginKit {
    public let folder: String
    let interface: PluginInterface

    /// The one that belongs to this program.
    public static func find() throws -> PluginKit {
        let program = try programPath()
        let place = "\(parent(of: parent(of: program)))/lib/dubkit"
        let file = "\(place)/interface"
        let remedy = "run 'make build' in the kit's sources, or 'make install PREFIX=...'"
        guard access(file, R_OK) == 0 else {
            throw KitError(
                .configuration, "this dubkit has nothing to build or load plugins with (no \(file)): \(remedy)")
        }
        let bytes = try FileBytes(file)
        let text = String(decoding: try bytes.bytes(at: 0, min(bytes.count, 1 << 16)) ?? [], as: UTF8.self)
        let interface: PluginInterface
        do {
            interface = try PluginInterface(text)
        } catch let error as KitError {
            throw KitError(.configuration, "\(file): \(error.message): \(remedy)")
        }
        guard interface.program == (try buildID(of: program)) else {
            throw KitError(.configuration, "\(place) belongs to another build than \(program): \(remedy)")
        }
        return PluginKit(folder: place, interface: interface)
    }

    /// The version line of the compiler that built it. Plugins need the same compiler.
    public var compiler: String { interface.compiler }

    /// The commit of the sources that it was built from, if that is known.
    public var commit: String? { interface.commit }

    /// Identifies this build of the program; "" if that is not possible.
    public static var buildOfProgram: String { (try? buildID(of: programPath())) ?? "" }

    static func programPath() throws -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        guard readlink("/proc/self/exe", &path, Int(PATH_MAX)) > 0 else {
            throw KitError.inputOutput("cannot find the path of this program", errno)
        }
        return String(cBuffer: path)
    }

    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// The linker's digest of a program (note type 3 of GNU's), in hexadecimal.
    private static func buildID(of program: String) throws -> String {
        let notes = try? ELFFile(program).notes(of: "GNU", type: 3)
        return (notes?.first ?? []).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
