using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>Finds in one top-level value the ids of data stored at the provider: files of parts, items and containers, and vector stores of a tool.</summary>
internal struct StoredObjectObserver
{
    /// <summary>Maximum number of ids that are collected, because the edge looks up each one. Later ids are ignored.</summary>
    public const int Max = 8;

    private const int LongestId = 256;

    private bool _isNamed;
    private bool _isInList;

    /// <summary>The ids found so far. Null when there are none.</summary>
    public List<string>? Ids { get; private set; }

    /// <inheritdoc cref="IInputObserver.Observe"/>
    public void Observe(ref Utf8JsonReader reader)
    {
        var isNamed = _isNamed;
        _isNamed = false;
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                _isNamed = reader.ValueTextEquals("file_id"u8) || reader.ValueTextEquals("file_ids"u8) || reader.ValueTextEquals("vector_store_ids"u8);
                break;
            case JsonTokenType.String when isNamed || _isInList:
                Add(ref reader);
                break;
            case JsonTokenType.StartArray:
                _isInList = isNamed;
                break;
            case JsonTokenType.EndArray or JsonTokenType.StartObject:
                _isInList = false;
                break;
        }
    }

    // Provider ids are plain ASCII without escapes. Other values are not collected, to save memory.
    private void Add(ref Utf8JsonReader reader)
    {
        if (Ids is { Count: Max } || reader.ValueIsEscaped || reader.ValueSpan.Length is 0 or > LongestId || !Ascii.IsValid(reader.ValueSpan))
        {
            return;
        }

        Ids ??= [];
        Ids.Add(Encoding.ASCII.GetString(reader.ValueSpan));
    }
}
