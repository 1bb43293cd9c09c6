using System.Globalization;
using System.Text;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using OpenAI.Audio;
using OpenAI.Files;

namespace Cencori.Edge.Tests.Wire;

/// <summary>The multipart bodies of the official .NET SDK, as they arrive at the provider.</summary>
public sealed class OpenAISdkUploadTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    // Every byte value, including line breaks and text that looks like a boundary.
    private static readonly byte[] File = [.. "RIFF"u8, .. Enumerable.Range(0, 70_000).Select(index => (byte)index), .. "\r\n--\r\n\r\n"u8];

    [Theory]
    [InlineData("whisper-1", "/v1")]
    [InlineData("whisper-1", "/api/v1")]
    [InlineData("openai/whisper-1", "/v1")]
    public async Task A_transcription_carries_the_files_exact_bytes_the_model_and_a_length(string model, string path)
    {
        at.Provider.Enqueue((_, response) => response.JsonAsync(200, """{"text":"hello there"}"""));
        var client = at.Edge.OpenAI(at.Key, path).GetAudioClient(model);

        AudioTranscription transcription = await client.TranscribeAudioAsync(new MemoryStream(File), "small.wav", new AudioTranscriptionOptions { Language = "en" });

        Assert.Equal("hello there", transcription.Text);
        var received = await at.Provider.NextRequestAsync();
        Assert.Equal("/v1/audio/transcriptions", received.Target);
        AssertLength(received);
        var (file, text) = Parts(received);
        Assert.Equal(File, file);
        Assert.Contains("filename=small.wav", text, StringComparison.Ordinal);
        Assert.Matches("name=\"?model\"?\r\n(Content-Type: [^\r]+\r\n)?\r\nwhisper-1\r\n", text);
        Assert.Matches("name=\"?language\"?\r\n(Content-Type: [^\r]+\r\n)?\r\nen\r\n", text);
    }

    [Fact]
    public async Task A_file_upload_passes_unchanged_and_needs_no_model()
    {
        at.Provider.Enqueue((_, response) => response.JsonAsync(200, """
            {"id":"file-1","object":"file","bytes":70012,"created_at":1760000000,"filename":"batch.jsonl","purpose":"batch","status":"processed"}
            """));
        var client = at.Edge.OpenAI(at.Key).GetOpenAIFileClient();

        OpenAIFile uploaded = await client.UploadFileAsync(new MemoryStream(File), "batch.jsonl", FileUploadPurpose.Batch);

        Assert.Equal("file-1", uploaded.Id);
        var received = await at.Provider.NextRequestAsync();
        Assert.Equal(("POST", "/v1/files"), (received.Method, received.Target));
        Assert.Equal(["Bearer " + RunningEdge.ProviderKey], received.Values("Authorization"));
        AssertLength(received);
        Assert.Equal(File, Parts(received).File);
    }

    [Fact]
    public async Task Speech_comes_back_byte_for_byte()
    {
        at.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "audio/mpeg"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(File.AsMemory(0, 1));
            await response.SendChunkAsync(File.AsMemory(1));
            await response.EndChunksAsync();
        });

        var sound = (await at.Edge.OpenAI(at.Key).GetAudioClient("tts-1").GenerateSpeechAsync("hi", GeneratedSpeechVoice.Alloy)).Value;

        Assert.Equal(File, sound.ToArray());
        await at.Provider.NextRequestAsync();
    }

    private static void AssertLength(ReceivedRequest received)
    {
        Assert.Equal(BodyFraming.ContentLength, received.Framing);
        Assert.Equal([received.Body.Length.ToString(CultureInfo.InvariantCulture)], received.Values("Content-Length"));
    }

    // The file: from the empty line after its headers to the boundary after it. The text: everything around the file.
    private static (byte[] File, string Text) Parts(ReceivedRequest received)
    {
        var body = received.Body.Span;
        var headers = body.IndexOf("filename="u8);
        var start = headers + body[headers..].IndexOf("\r\n\r\n"u8) + 4;
        return (body.Slice(start, File.Length).ToArray(), Encoding.Latin1.GetString([.. body[..start], .. body[(start + File.Length)..]]));
    }
}
