using System.Text;
using System.Text.Json;
using Cencori.Edge.Metering;

namespace Cencori.Edge.Providers.Sandbox.Media;

/// <summary>Transcribes audio: always to the same text, because the audio is not decoded.</summary>
internal static class Transcriptions
{
    private const string Text = "Hello from the sandbox, which has not listened to this recording.";
    private const int AudioTokensPerSecond = 10;

    // The assumed rate of the audio, 128 kbit/s. The duration is computed from the file's length, because the audio is not decoded.
    private const int BytesPerSecond = 16_000;

    private static readonly string[] Formats = ["json", "text", "srt", "verbose_json", "vtt"];
    private static readonly string[] Words = Text.Split(' ');

    public static SandboxReply Respond(AudioForm form, SandboxModel model, bool translates)
    {
        if (form.AudioBytes is not { } bytes)
        {
            return Refused("file", "The form has no file.");
        }

        var format = form["response_format"] ?? "json";
        if (!Formats.Contains(format))
        {
            return Refused("response_format", $"'response_format' must be one of {string.Join(", ", Formats)}.");
        }

        var seconds = Math.Max(1, bytes / BytesPerSecond);
        var usage = new Usage(seconds, ReportsTokens(model));
        if (usage.InTokens && form["stream"] == "true")
        {
            return new SandboxReply.Events(Events(usage));
        }

        return format switch
        {
            "json" => SandboxReply.Of(json => WriteJson(json, usage)),
            "verbose_json" => SandboxReply.Of(json => WriteVerbose(json, form, usage, translates)),
            "srt" => Plain($"1\n{Time(0, ',')} --> {Time(seconds, ',')}\n{Text}\n\n"),
            "vtt" => Plain($"WEBVTT\n\n{Time(0, '.')} --> {Time(seconds, '.')}\n{Text}\n\n"),
            _ => Plain(Text + "\n"),
        };
    }

    // whisper-1 reports a duration instead of tokens, and ignores a request for a stream.
    private static bool ReportsTokens(SandboxModel model) => model.Name.Contains("transcribe", StringComparison.Ordinal);

    private static SandboxReply.Refused Refused(string param, string message) => new(SandboxError.Invalid(message, param));

    private static SandboxReply.Bytes Plain(string text) => new(Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");

    private static string Time(long seconds, char point) => $"{TimeSpan.FromSeconds(seconds):hh\\:mm\\:ss}{point}000";

    private static void WriteJson(Utf8JsonWriter json, Usage usage)
    {
        json.WriteStartObject();
        json.WriteString("text", Text);
        usage.Write(json);
        json.WriteEndObject();
    }

    private static void WriteVerbose(Utf8JsonWriter json, AudioForm form, Usage usage, bool translates)
    {
        var granularities = form.All("timestamp_granularities[]").ToHashSet();
        json.WriteStartObject();
        json.WriteString("task", translates ? "translate" : "transcribe");
        json.WriteString("language", "english");
        json.WriteNumber("duration", usage.Seconds);
        json.WriteString("text", Text);
        if (granularities.Contains("word"))
        {
            WriteWords(json, usage.Seconds);
        }

        if (!granularities.Contains("word") || granularities.Contains("segment"))
        {
            WriteSegments(json, usage.Seconds);
        }

        usage.Write(json);
        json.WriteEndObject();
    }

    private static void WriteWords(Utf8JsonWriter json, long seconds)
    {
        json.WriteStartArray("words");
        for (var i = 0; i < Words.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("word", Words[i].Trim(',', '.'));
            json.WriteNumber("start", (double)seconds * i / Words.Length);
            json.WriteNumber("end", (double)seconds * (i + 1) / Words.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSegments(Utf8JsonWriter json, long seconds)
    {
        json.WriteStartArray("segments");
        json.WriteStartObject();
        json.WriteNumber("id", 0);
        json.WriteNumber("seek", 0);
        json.WriteNumber("start", 0);
        json.WriteNumber("end", seconds);
        json.WriteString("text", Text);
        json.WriteStartArray("tokens");
        json.WriteEndArray();
        json.WriteNumber("temperature", 0);
        json.WriteNumber("avg_logprob", -0.1);
        json.WriteNumber("compression_ratio", 1);
        json.WriteNumber("no_speech_prob", 0.01);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static IEnumerable<SandboxEvent> Events(Usage usage)
    {
        using var buffer = new SandboxEventBuffer();
        foreach (var word in Words)
        {
            yield return Frame(buffer, "transcript.text.delta", json => json.WriteString("delta", word == Words[^1] ? word : word + " "), isDelta: true);
        }

        yield return Frame(
            buffer,
            "transcript.text.done",
            json =>
            {
                json.WriteString("text", Text);
                usage.Write(json);
            });
    }

    private static SandboxEvent Frame(SandboxEventBuffer buffer, string type, Action<Utf8JsonWriter> write, bool isDelta = false) => buffer.Frame(
        json =>
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            write(json);
            json.WriteEndObject();
        },
        isDelta: isDelta);

    private sealed record Usage(long Seconds, bool InTokens)
    {
        private static readonly int OutputTokens = TextTokens.Count(Text, CancellationToken.None);

        public void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject("usage");
            if (!InTokens)
            {
                json.WriteString("type", "duration");
                json.WriteNumber("seconds", Seconds);
                json.WriteEndObject();
                return;
            }

            var input = Seconds * AudioTokensPerSecond;
            json.WriteString("type", "tokens");
            json.WriteNumber("total_tokens", input + OutputTokens);
            json.WriteNumber("input_tokens", input);
            json.WriteStartObject("input_token_details");
            json.WriteNumber("text_tokens", 0);
            json.WriteNumber("audio_tokens", input);
            json.WriteEndObject();
            json.WriteNumber("output_tokens", OutputTokens);
            json.WriteEndObject();
        }
    }
}
