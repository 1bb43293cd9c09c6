using System.Buffers.Binary;
using System.Net;
using System.Text;
using OpenAI.Audio;

namespace Cencori.Edge.Tests.Providers.Sandbox.Media;

public sealed class SpeechTests : IDisposable
{
    private const string Path = "/v1/audio/speech";

    private readonly SandboxCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(",\"response_format\":\"mp3\"")]
    public async Task The_default_format_is_mp3(string fields)
    {
        var (type, sound) = await SayAsync("hello", fields);

        Assert.Equal("audio/mpeg", type);
        Assert.Equal(10 * 96, sound.Length);
        Assert.All(sound.Chunk(96), frame => Assert.Equal([0xFF, 0xF3, 0x44, 0xC4], frame[..4]));
    }

    [Fact]
    public async Task A_WAV_file_has_its_length_in_the_header()
    {
        var (type, sound) = await SayAsync("hello, this is a sentence", ",\"response_format\":\"wav\"");

        Assert.Equal("audio/wav", type);
        Assert.Equal("RIFF", Encoding.ASCII.GetString(sound, 0, 4));
        Assert.Equal(sound.Length - 8, BinaryPrimitives.ReadInt32LittleEndian(sound.AsSpan(4)));
        Assert.Equal(sound.Length - 44, BinaryPrimitives.ReadInt32LittleEndian(sound.AsSpan(40)));
        Assert.Equal(24_000 * 2 * 25 / 20, sound.Length - 44);
        Assert.Contains(sound[44..], value => value != 0);
    }

    [Fact]
    public async Task PCM_is_WAV_without_the_header()
    {
        var (type, sound) = await SayAsync("hello", ",\"response_format\":\"pcm\"");

        Assert.Equal("audio/pcm", type);
        Assert.Equal((await SayAsync("hello", ",\"response_format\":\"wav\"")).Sound[44..], sound);
    }

    [Fact]
    public async Task Speech_is_four_seconds_long_at_most()
    {
        var (_, sound) = await SayAsync(new string('x', 4_096), ",\"response_format\":\"pcm\"");

        Assert.Equal(4 * 48_000, sound.Length);
    }

    [Fact]
    public async Task A_stream_has_the_audio_and_its_usage()
    {
        var events = await _calls.PostStreamAsync(Path, """{"model":"gpt-4o-mini-tts","voice":"alloy","input":"hello world","response_format":"pcm","stream_format":"sse"}""");

        Assert.Equal(["speech.audio.delta", "speech.audio.done"], events.Select(one => one.GetProperty("type").GetString()));
        Assert.NotEmpty(events[0].GetProperty("audio").GetBytesFromBase64());
        Assert.Equal(2, events[1].GetProperty("usage").GetProperty("input_tokens").GetInt32());
    }

    [Theory]
    [InlineData("\"input\":\"\"", "input")]
    [InlineData("\"input\":1", "input")]
    [InlineData("\"input\":\"x\",\"response_format\":\"opus\"", "response_format")]
    [InlineData("\"input\":\"x\",\"stream_format\":\"ogg\"", "stream_format")]
    public async Task An_invalid_field_is_rejected_by_name(string fields, string name)
    {
        var error = await _calls.PostRefusedAsync(Path, $$"""{"model":"tts-1",{{fields}}}""");

        Assert.Equal(name, error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task An_unsupported_format_is_rejected_with_a_list_of_the_supported_ones()
    {
        var error = await _calls.PostRefusedAsync(Path, """{"model":"tts-1","input":"x","response_format":"flac"}""");

        Assert.Contains("mp3, wav and pcm", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_official_SDK_reads_the_audio()
    {
        var sound = await SandboxSdk.Client().GetAudioClient("tts-1").GenerateSpeechAsync("hello", GeneratedSpeechVoice.Alloy, new SpeechGenerationOptions { ResponseFormat = GeneratedSpeechFormat.Wav });

        Assert.StartsWith("RIFF", Encoding.ASCII.GetString(sound.Value.ToArray()), StringComparison.Ordinal);
    }

    private async Task<(string? Type, byte[] Sound)> SayAsync(string text, string fields)
    {
        using var response = await _calls.PostAsync(Path, $$"""{"model":"tts-1","voice":"alloy","input":"{{text}}"{{fields}}}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsByteArrayAsync());
    }
}
