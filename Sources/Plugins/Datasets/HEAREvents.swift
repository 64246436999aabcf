import Kit

/// The lists of HEAR's event tasks: for each file, its events with label, start and end in milliseconds.
struct HEAREvents {
    let path: String
    /// The sounds of all splits.
    let folder: String
    let classes: [String]

    /// The recordings of a split, with all labels that they have, and their events by the recordings' ids.
    func read(_ split: String) throws -> (items: [LabelledItem], events: [String: [SoundEvent]]) {
        let list = "\(path)/\(split).json"
        guard case .table(let files) = try LabelTable.json(list), !files.named.isEmpty else {
            throw KitError(.badData, "\(list): expected an object of files and events")
        }
        var (items, events): ([LabelledItem], [String: [SoundEvent]]) = ([], [:])
        for (name, value) in files.named {
            guard case .list(let given) = value else {
                throw KitError(.badData, "\(list): '\(name)' has \(value.givenText) in place of a list of events")
            }
            let id = "\(split)/\(name)"
            events[id] = try given.map { try event($0, of: name, list) }
            let labels = Set(events[id]!.map(\.label)).sorted().map { classes[$0] }
            items.append(LabelledItem(id: id, path: "\(folder)/\(split)/\(name)", labels: labels, split: split))
        }
        return (items, events)
    }

    private func event(_ value: OptionValue, of name: String, _ list: String) throws -> SoundEvent {
        guard case .table(let fields) = value else {
            throw KitError(.badData, "\(list): an event of '\(name)' is \(value.givenText), not an object")
        }
        func field(_ key: String) throws -> OptionValue {
            if let value = fields.named.first(where: { $0.key == key })?.value { return value }
            throw KitError(.badData, "\(list): an event of '\(name)' has no '\(key)'")
        }
        func time(_ key: String) throws -> Double {
            let value = try field(key)
            guard let time = try? Double(option: value), (0...1000 * ClipSource.times.upperBound).contains(time) else {
                throw KitError(
                    .badData,
                    "\(list): '\(key)' of an event of '\(name)' must be milliseconds, but is \(value.givenText)")
            }
            return time
        }
        let given = try field("label")
        let word = HEAR.label(given) ?? given.givenText
        guard let label = classes.firstIndex(of: word) else {
            throw KitError(
                .badData,
                "\(list): '\(name)' has the label '\(word)', which is not in the vocabulary"
                    + NearestName.hint(word, in: classes))
        }
        let event = SoundEvent(label: label, start: try time("start"), end: try time("end"))
        guard event.start <= event.end else {
            throw KitError(
                .badData, "\(list): an event of '\(name)' ends at \(event.end) ms, before its start at \(event.start)")
        }
        return event
    }

    /// The evaluation settings in the metadata: names of measures, and the criterion of choice.
    func task(_ events: [[String: [SoundEvent]]], _ metadata: [String: OptionValue]) throws -> EventTask {
        let file = "\(path)/task_metadata.json"
        guard let measures = try? metadata["evaluation"].map({ try [String](option: $0) }), !measures.isEmpty else {
            throw KitError(.badData, "\(file): 'evaluation' must be a list of measures, such as event_onset_200ms_fms")
        }
        let all = events.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        // In MAESTRO, whose many events take long to count.
        var choosesByLoss = false
        if case .bool(false)? = metadata["use_scoring_for_early_stopping"] { choosesByLoss = true }
        guard case .table(let parameters)? = metadata["evaluation_params"],
            case .table(let grid)? = parameters.named.first(where: { $0.key == "event_postprocessing_grid" })?.value
        else { return EventTask(events: all, measures: measures, choosesByLoss: choosesByLoss) }
        func values(_ key: String) throws -> [Double] {
            let given = grid.named.first { $0.key == key }?.value
            guard let values = try? given.map({ try [Double](option: $0) }), !values.isEmpty,
                values.allSatisfy({ (0...1000 * ClipSource.times.upperBound).contains($0) })
            else {
                throw KitError(
                    .badData,
                    "\(file): '\(key)' of event_postprocessing_grid must be a list of milliseconds, but is "
                        + "\(given?.givenText ?? "missing")")
            }
            return values.sorted(by: >)
        }
        let (medians, lengths) = (try values("median_filter_ms"), try values("min_duration"))
        // If filters are equally good, the longest is chosen, as in HEAR's evaluation kit.
        let filters = medians.flatMap { median in lengths.map { EventFilter(median: median, least: $0) } }
        return EventTask(events: all, measures: measures, filters: filters, choosesByLoss: choosesByLoss)
    }
}
