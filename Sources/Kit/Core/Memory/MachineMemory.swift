import Glibc

/// The memory that is available to this process.
///
/// Linux lets processes allocate more memory than exists and kills one of them when they use it. The kit therefore
/// checks what is free before large allocations.
public enum MachineMemory {
    /// The most bytes that this process can ever use: the machine's memory, or the limit of a control group or of
    /// `ulimit`.
    public static let limit: Int = {
        let machine = Int(sysconf(Int32(_SC_PHYS_PAGES))) * pageSize
        return ([machine] + ControlGroup.all.compactMap(\.limit) + limits).min() ?? machine
    }()

    /// Bytes that can be allocated now.
    public static var available: Int {
        let machine = ProcFile("/proc/meminfo").kibibytes(of: "MemAvailable", "SwapFree") ?? limit
        let taken = Int(ProcFile("/proc/self/statm").words.first ?? "").map { $0 * pageSize } ?? 0
        let rests = ControlGroup.all.compactMap(\.rest) + limits.map { max(0, $0 - taken) }
        return ([machine] + rests).min() ?? machine
    }

    /// Throws if this many bytes are not available, before an allocation that would crash.
    ///
    /// - Parameters:
    ///   - bytes: how many.
    ///   - what: their purpose, as "10 s of sound".
    public static func require(_ bytes: Int, for what: @autoclosure () -> String) throws {
        // For a few pages, checking would take longer than filling them.
        guard bytes >= 1 << 26, bytes > available else { return }
        throw shortage(of: bytes, for: what())
    }

    static func shortage(of bytes: Int, for what: String) -> KitError {
        KitError(
            .outOfMemory, "not enough memory: \(what) needs \(bytes) bytes, but only \(available) are available")
    }

    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// The bytes that `ulimit -v` and `ulimit -d` leave.
    private static let limits: [Int] = [RLIMIT_AS, RLIMIT_DATA].compactMap { name in
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(name.rawValue), &limit) == 0, limit.rlim_cur <= UInt(Int.max) else {
            return nil
        }
        return Int(limit.rlim_cur)
    }
}

/// A control group with a memory limit, such as that of a container or batch job: this process's own or one above it.
private struct ControlGroup {
    let limit: Int?
    private let usage: String
    private let folder: String

    static let all: [ControlGroup] = {
        // "0::/user.slice" of version 2, "4:memory:/job" of version 1.
        let lines = ProcFile("/proc/self/cgroup").text.split(separator: "\n")
        return lines.flatMap { line -> [ControlGroup] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            if fields[0] == "0" {
                return groups("/sys/fs/cgroup", fields[2], limit: "memory.max", usage: "memory.current")
            }
            guard fields[1].split(separator: ",").contains("memory") else { return [] }
            return groups(
                "/sys/fs/cgroup/memory", fields[2], limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes")
        }
    }()

    /// A group and all above it. Inside a container, paths may be those of the host: then only the root is found.
    private static func groups(_ root: String, _ path: Substring, limit: String, usage: String) -> [ControlGroup] {
        let names = path.split(separator: "/")
        return (0...names.count).compactMap { depth in
            let folder = ([root] + names.prefix(depth).map(String.init)).joined(separator: "/")
            guard let bytes = Int(ProcFile("\(folder)/\(limit)").words.first ?? "") else { return nil }
            return ControlGroup(limit: bytes, usage: usage, folder: folder)
        }
    }

    /// Bytes left below the limit, counting page cache that can be reclaimed.
    var rest: Int? {
        guard let limit, let used = Int(ProcFile("\(folder)/\(usage)").words.first ?? "") else { return nil }
        let words = ProcFile("\(folder)/memory.stat").words
        let kept = words.firstIndex { $0 == "inactive_file" || $0 == "total_inactive_file" }.flatMap {
            Int(words[$0 + 1])
        }
        return max(0, limit - used + (kept ?? 0))
    }
}

/// The content of a small file of /proc or /sys; empty if it does not exist.
private struct ProcFile {
    let text: String

    init(_ path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            text = ""
            return
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 14)
        let count = read(file, &bytes, bytes.count)
        text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    var words: [Substring] { text.split { $0 == " " || $0 == "\n" || $0 == "\t" } }

    /// The sum of lines such as "MemAvailable:  123 kB", in bytes; nil if one is missing.
    func kibibytes(of names: String...) -> Int? {
        let words = words
        return names.reduce(Int?.some(0)) { sum, name in
            guard let sum, let place = words.firstIndex(of: "\(name):"), place + 1 < words.count,
                let number = Int(words[place + 1])
            else { return nil }
            return sum + number * 1024
        }
    }
}
