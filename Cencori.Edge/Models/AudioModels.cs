namespace Cencori.Edge.Models;

/// <summary>Recognises audio models by their names, because providers do not report which models handle audio.</summary>
public static class AudioModels
{
    /// <summary>True: the model converts text to speech.</summary>
    public static bool IsTextToSpeech(string model) => Has(model, "tts");

    /// <summary>True: the model converts speech to text.</summary>
    public static bool IsSpeechToText(string model) => Has(model, "whisper") || Has(model, "transcribe");

    private static bool Has(string model, string word) => model.Contains(word, StringComparison.OrdinalIgnoreCase);
}
