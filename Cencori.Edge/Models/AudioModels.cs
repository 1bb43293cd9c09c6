namespace Cencori.Edge.Models;

/// <summary>Which models are for sound, by their names: providers do not tell.</summary>
public static class AudioModels
{
    /// <summary>It makes speech of text.</summary>
    public static bool Speaks(string model) => Has(model, "tts");

    /// <summary>It makes text of speech.</summary>
    public static bool Listens(string model) => Has(model, "whisper") || Has(model, "transcribe");

    private static bool Has(string model, string word) => model.Contains(word, StringComparison.OrdinalIgnoreCase);
}
