using System.Text.Json;
using Cencori.Edge.Dialects;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>What the beginning of a stream of events tells: that the response has begun, or that there will be none.</summary>
internal sealed class FirstEvent : IEventSink
{
    /// <summary>Nothing so far: comments, pings, and events that only say that something begins.</summary>
    public bool IsOpen => !HasContent && !HasFailed;

    public bool HasContent { get; private set; }

    /// <summary>There was an event, of whatever kind. A comment is none, and no sign of a response.</summary>
    public bool HasEvent { get; private set; }

    /// <summary>It is an error, or the end.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The error, where it is one.</summary>
    public ReadOnlyMemory<byte> Error { get; private set; }

    public void Comment(ReadOnlySpan<byte> line)
    {
        // No sign of a response.
    }

    public void TooLarge() => HasContent = IsOpen;

    public void Data(ReadOnlySpan<byte> data)
    {
        HasEvent |= !data.IsEmpty;
        if (!IsOpen || data.IsEmpty)
        {
            return;
        }

        if (data.Trim((byte)' ').SequenceEqual("[DONE]"u8))
        {
            HasFailed = true;
            return;
        }

        try
        {
            Read(data);
            Error = HasFailed ? data.ToArray() : default;
        }
        catch (JsonException)
        {
            // Whoever reads it says so.
            HasContent = true;
        }
    }

    private void Read(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            HasContent = true;
            return;
        }

        var isBeginning = false;
        var isChunk = false;
        var says = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.Null)
                {
                    HasFailed = true;
                    return;
                }

                reader.Skip();
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                HasFailed = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("error"u8);
                isBeginning = reader.TokenType == JsonTokenType.String && (reader.ValueTextEquals("message_start"u8) || reader.ValueTextEquals("ping"u8));
                reader.Skip();
            }
            else if (reader.ValueTextEquals("choices"u8))
            {
                reader.Read();
                isChunk = true;
                says = Says(ref reader);
            }
            else
            {
                reader.Skip();
            }

            if (HasFailed)
            {
                return;
            }
        }

        HasContent = isChunk ? says : !isBeginning;
    }

    // Anything but whose turn it is. A chunk without choices tells usage, or what a filter thinks of the question.
    private static bool Says(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return false;
        }

        var (says, isRole) = (false, false);
        for (var depth = reader.CurrentDepth; reader.Read() && reader.CurrentDepth > depth;)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                isRole = reader.ValueTextEquals("role"u8);
            }
            else
            {
                says |= reader.TokenType == JsonTokenType.String && !isRole && (reader.HasValueSequence || reader.ValueSpan.Length > 0);
            }
        }

        return says;
    }
}
