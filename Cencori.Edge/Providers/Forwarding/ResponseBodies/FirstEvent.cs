using System.Text.Json;
using Cencori.Edge.Dialects;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>Reads the beginning of an event stream to decide whether a response has begun or has failed.</summary>
internal sealed class FirstEvent : IEventSink
{
    /// <summary>True: undecided, because only comments, pings and start events came so far.</summary>
    public bool IsUndecided => !HasContent && !HasFailed;

    public bool HasContent { get; private set; }

    /// <summary>True: an event of any kind came. A comment is no event.</summary>
    public bool HasEvent { get; private set; }

    /// <summary>True: the first event with content is an error, or the end of the stream.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>The JSON of the error. Empty: no error came.</summary>
    public ReadOnlyMemory<byte> Error { get; private set; }

    public void Comment(ReadOnlySpan<byte> line)
    {
        // A comment does not show that the response has begun.
    }

    public void TooLarge() => HasContent = IsUndecided;

    public void Data(ReadOnlySpan<byte> data)
    {
        HasEvent |= !data.IsEmpty;
        if (!IsUndecided || data.IsEmpty)
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
            // The event is not JSON. The stream counts as begun and reaches the caller, whose client reports the fault.
            HasContent = true;
        }
    }

    private void Read(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);

        // Google sends its error in an array.
        var isArray = reader.Read() && reader.TokenType == JsonTokenType.StartArray && reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
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
                says = HasText(ref reader);
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

        HasContent = isArray || (isChunk ? says : !isBeginning);
    }

    // True: the chunk holds output, which is any text except the role. A chunk without choices holds only usage,
    // or what the content filter of the provider found in the prompt.
    private static bool HasText(ref Utf8JsonReader reader)
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
