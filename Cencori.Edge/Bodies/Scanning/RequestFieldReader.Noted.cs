using System.Text.Json;

namespace Cencori.Edge.Bodies.Scanning;

internal ref partial struct RequestFieldReader
{
    // Maximum noted fields, and maximum renamed fields, of one body. Each becomes a change, and all changes are sorted.
    private const int MaxNoted = 64;

    // This is a separate method, so that requests without noted fields skip the work.
    private bool TryReadNoted(RequestField field)
    {
        var name = new ByteRange(_start + (int)_reader.TokenStartIndex, _reader.ValueSpan.Length + 2);
        if (Notes(NotedFields.NativeNames) && field != RequestField.Unreadable && !TryReadName(name, ref field))
        {
            return false;
        }

        if (Notes(NotedFields.Conversation | NotedFields.Prompt) && field == RequestField.Unknown
            && (InOtherCase(_reader, RequestFields.OfConversation) ?? (Notes(NotedFields.Tools) ? InOtherCase(_reader, RequestFields.OfTools) : null)) is { } wrong)
        {
            if (Notes(NotedFields.Conversation))
            {
                var problem = RequestScan.WrongCase(wrong);
                return Refuse(problem.Message, problem.Param);
            }

            _inOtherCase ??= wrong;
        }

        if (field == RequestField.Unknown && Notes(NotedFields.Memory | NotedFields.Sources))
        {
            field = OfMemory(ref _reader, Notes(NotedFields.Sources));
        }

        var namesStored = Notes(NotedFields.Stored) && CanNameStoredObject(field);
        _reader.Read();
        var start = _reader.TokenStartIndex;
        if ((namesStored && !TryNoteStored()) || !TryReadField(field))
        {
            return false;
        }

        if (IsNoted(field))
        {
            _noted ??= [];
            _noted.Add(new(field, name, ValueFrom(start)));
            return _noted.Count <= MaxNoted || Refuse("The request body repeats its properties too often.", null);
        }

        return true;
    }

    private readonly bool Notes(NotedFields fields) => (_notedFields & fields) != 0;

    private readonly bool IsNoted(RequestField field) => field switch
    {
        RequestField.Messages or RequestField.Instructions or RequestField.System or RequestField.TextOrTokens or RequestField.Temperature
            or RequestField.Tools or RequestField.Functions => Notes(NotedFields.Conversation | NotedFields.Prompt),
        RequestField.Prompt => Notes(NotedFields.Prompt | NotedFields.Tools),
        RequestField.Elsewhere => Notes(NotedFields.Tools),
        RequestField.Memory or RequestField.Namespace or RequestField.Limit or RequestField.Threshold or RequestField.IncludeSources => true,
        _ => false,
    };

    private static RequestField OfMemory(ref Utf8JsonReader reader, bool hasSources) =>
        reader.ValueTextEquals("memory"u8) ? RequestField.Memory
        : !hasSources ? RequestField.Unknown
        : reader.ValueTextEquals("namespace"u8) ? RequestField.Namespace
        : reader.ValueTextEquals("limit"u8) ? RequestField.Limit
        : reader.ValueTextEquals("threshold"u8) ? RequestField.Threshold
        : reader.ValueTextEquals("include_sources"u8) || reader.ValueTextEquals("includeSources"u8) ? RequestField.IncludeSources
        : RequestField.Unknown;

    private bool TryReadName(ByteRange name, ref RequestField field)
    {
        var number = NativeNames.Find(ref _reader);
        if (number < 0)
        {
            return true;
        }

        var isNative = NativeNames.IsNative(number, ref _reader);
        (isNative ? ref _nativeNames : ref _plainNames) |= 1 << number;
        if ((_nativeNames & _plainNames) != 0)
        {
            _problem = NativeNames.BothSpellings(number);
            return false;
        }

        if (isNative)
        {
            field = NativeNames.FieldOf(number);
            _renames ??= [];
            _renames.Add(new(name, NativeNames.Quoted(number)));
            return _renames.Count <= MaxNoted || Refuse("The request body repeats its properties too often.", null);
        }

        return true;
    }

    private static string? InOtherCase(Utf8JsonReader reader, string[] names)
    {
        Span<byte> name = stackalloc byte[RequestFields.LongestEscapedName];
        if (reader.ValueSpan.Length > name.Length)
        {
            return null;
        }

        ReadOnlySpan<byte> plain = reader.ValueIsEscaped ? name[..reader.CopyString(name)] : reader.ValueSpan;
        foreach (var known in names)
        {
            if (RequestFields.EqualsIgnoreCase(plain, known))
            {
                return known;
            }
        }

        return null;
    }
}
