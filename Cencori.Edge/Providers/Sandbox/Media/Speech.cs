using Cencori.Edge.Metering;

namespace Cencori.Edge.Providers.Sandbox.Media;

/// <summary>Speech of the sandbox: a tone about as long as it would take to read the text aloud.</summary>
internal static class Speech
{
    private const int LongestInput = 4_096;
    private const int TokensPerSecond = 20;

    private static readonly TimeSpan PerCharacter = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(240);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);

    public static SandboxReply Respond(RequestReader body, SandboxModel model, TimeProvider time)
    {
        if (body.Text("input") is not { Length: > 0 and <= LongestInput } input)
        {
            body.Refuse("input", $"'input' must be a string of 1 to {LongestInput} characters.");
            return new SandboxReply.Refused(body.Error!);
        }

        var format = body.Text("response_format") ?? "mp3";
        if (format is not ("mp3" or "wav" or "pcm"))
        {
            body.Refuse("response_format", "The sandbox supports only mp3, wav and pcm: 'response_format' must be one of them.");
        }

        var streams = body.Text("stream_format") ?? "audio";
        if (streams is not ("audio" or "sse"))
        {
            body.Refuse("stream_format", "'stream_format' must be 'audio' or 'sse'.");
        }

        if (body.Error is { } error)
        {
            return new SandboxReply.Refused(error);
        }

        var length = TimeSpan.FromTicks(Math.Clamp(input.Length * PerCharacter.Ticks, Shortest.Ticks, Longest.Ticks));
        var sound = format switch
        {
            "mp3" => Sound.Mp3(length),
            "wav" => Sound.Wav(length),
            _ => Sound.Pcm(length),
        };
        return streams == "sse"
            ? new SandboxReply.Events(Events(sound, TextTokens.Count(input, body.Aborted), (int)Math.Ceiling(length.TotalSeconds * TokensPerSecond)))
            : new SandboxReply.Bytes(sound, format == "mp3" ? "audio/mpeg" : $"audio/{format}");
    }

    private static IEnumerable<SandboxEvent> Events(byte[] sound, int inputTokens, int outputTokens)
    {
        using var buffer = new SandboxEventBuffer();
        yield return buffer.Frame(
            json =>
            {
                json.WriteStartObject();
                json.WriteString("type", "speech.audio.delta");
                json.WriteBase64String("audio", sound);
                json.WriteEndObject();
            },
            isDelta: true);
        yield return buffer.Frame(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "speech.audio.done");
            json.WriteStartObject("usage");
            json.WriteNumber("input_tokens", inputTokens);
            json.WriteNumber("output_tokens", outputTokens);
            json.WriteNumber("total_tokens", inputTokens + outputTokens);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }
}
