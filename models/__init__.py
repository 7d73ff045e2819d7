"""What a bundle is and can say: probability, reasons, forecast. May import `features`."""
